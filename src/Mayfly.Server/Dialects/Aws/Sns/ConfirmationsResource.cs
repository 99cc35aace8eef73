using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Events;
using Mayfly.Server.Identity;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>The begin and the end of subscriptions. Both are links in notifications too, which nobody signs.</summary>
internal sealed class ConfirmationsResource(TopicRegistry topics, Confirmations confirmations, Delivery delivery, TimeProvider time)
{
    public async Task<JsonObject?> ConfirmAsync(JsonCall call)
    {
        var (key, token, now) = (SnsNames.Topic(call), call.Required("Token"), time.GetUtcNow());
        string? arn = null;
        await topics.ApplyAsync(
            snapshot =>
            {
                var topic = snapshot.Find(key) ?? throw SnsErrors.NotFound("Topic");
                var subscription = topic.Subscriptions.Values.FirstOrDefault(subscription => subscription.Token == token && (!subscription.IsPending || subscription.TokenEnds > now)) ?? throw SnsErrors.Parameter("Token");
                arn = subscription.Arn;
                return !subscription.IsPending ? new() : new()
                {
                    PutSubscriptions =
                    [
                        subscription with
                        {
                            IsPending = false,
                            ConfirmationWasAuthenticated = IsSigned(call),
                            AuthenticateOnUnsubscribe = IsSigned(call) && "true".Equals(call.Text("AuthenticateOnUnsubscribe"), StringComparison.OrdinalIgnoreCase),
                        },
                    ],
                };
            },
            call.Aborted);
        return new() { ["SubscriptionArn"] = arn };
    }

    public async Task<JsonObject?> UnsubscribeAsync(JsonCall call)
    {
        var arn = SnsNames.Subscription(call);
        if (topics.Current.FindSubscription(arn) is not { } known)
        {
            return null;
        }

        // Whoever follows a link may not be the subscriber: who is at a URL is told, and can take it back for a while.
        var restorable = known with { IsPending = true, Token = Confirmations.NewToken(), TokenEnds = time.GetUtcNow() + Confirmations.TokenAge };
        var tell = !IsSigned(call) && known is { IsHttp: true, IsPending: false } ? await confirmations.TellOfEndAsync(topics.Current.Find(known.Topic)!.Topic, restorable) : null;
        await topics.ApplyAsync(
            snapshot => snapshot.FindSubscription(arn) is not { } subscription ? new()
                : subscription.AuthenticateOnUnsubscribe && !IsSigned(call) ? throw SnsErrors.NotAllowed("Only signed requests may end this subscription.")
                : !IsSigned(call) && subscription is { IsHttp: true, IsPending: true } ? new()
                : tell is null ? new() { RemoveSubscriptions = [subscription] }
                : new() { PutSubscriptions = [subscription with { IsPending = true, Token = restorable.Token, TokenEnds = restorable.TokenEnds }], Events = [tell] },
            call.Aborted);
        delivery.Wake(arn);
        return null;
    }

    private static bool IsSigned(JsonCall call) => SignedRequest.Read(call.Http.Request, out _) == SignatureReading.Signed || CallingFunction.Of(call.Http) is not null;
}
