using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mayfly.Server.Resources.Topics;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Topics;

[Collection(nameof(Alone))]
public sealed class SubscriptionTargetTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Body, DateTimeOffset At)> _seen = new();
    private readonly string _url;
    private readonly Task _serving;
    private volatile int _status = 200;

    public SubscriptionTargetTests()
    {
        using (var port = new TcpListener(IPAddress.Loopback, 0))
        {
            port.Start();
            _url = $"http://127.0.0.1:{((IPEndPoint)port.LocalEndpoint).Port}/";
        }

        _listener.Prefixes.Add(_url);
        _listener.Start();
        _serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        ((IDisposable)_listener).Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task WhoeverFails_IsTriedAgainAsThePolicySays_AndThenTheLetterIsDead()
    {
        await using var topics = await OpenAsync((TopicAttributes.DeliveryPolicy, """{"healthyRetryPolicy":{"numRetries":2,"numNoDelayRetries":1,"minDelayTarget":30,"maxDelayTarget":30}}"""));
        _status = 503;
        await topics.PublishAsync("t", "x", static message => message with { Subject = "s" });
        await DeliveryFixture.UntilAsync(() => _seen.Count == 2, "the first attempt and the one at once");
        await DeliveryFixture.UntilAsync(() => topics.Waiting.Any(waiting => waiting.Due > _time.GetUtcNow()), "the wait");
        _time.Advance(TimeSpan.FromSeconds(29));
        _time.Advance(TimeSpan.FromSeconds(1));
        await DeliveryFixture.UntilAsync(() => _seen.Count == 3 && topics.Waiting.Count == 0, "the last attempt");
        var times = _seen.Select(static seen => seen.At).ToList();
        (times[1] - times[0], times[2] - times[1]).ShouldBe((TimeSpan.Zero, TimeSpan.FromSeconds(30)));

        var letter = (await topics.ReceiveAsync("letters")).Single();
        letter.Body.ShouldBe(_seen.First().Body);
        (letter.Attributes["ErrorCode"].Text, letter.Attributes["ErrorMessage"].Text).ShouldBe(("503", "The endpoint answered 503 Service Unavailable."));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(302)]
    public async Task WhoeverRefuses_IsNotTriedAgain(int status)
    {
        await using var topics = await OpenAsync();
        _status = status;
        await topics.PublishAsync("t", "x");
        await DeliveryFixture.UntilAsync(() => topics.Waiting.Count == 0, "the letter to be dead");
        _seen.Count.ShouldBe(1);
        (await topics.ReceiveAsync("letters")).Single().Attributes["ErrorCode"].Text.ShouldBe($"{status}");
    }

    [Fact]
    public async Task WhoeverWaitsToBeConfirmed_GetsTheQuestion_AndNothingElse()
    {
        await using var topics = await OpenAsync();
        var subscription = (await topics.SubscribeAsync("t", "http", _url + "other")) with { IsPending = true, Token = Confirmations.NewToken(), TokenEnds = _time.GetUtcNow().AddDays(2) };
        var ask = await topics.Confirmations.AskToConfirmAsync(topics.Topics.Current.Find(subscription.Topic)!.Topic, subscription);
        await topics.Topics.ApplyAsync(_ => new() { PutSubscriptions = [subscription], Events = [ask] }, default);
        topics.Delivery.Wake(subscription.Arn);
        await topics.PublishAsync("t", "x");
        await DeliveryFixture.UntilAsync(() => _seen.Count == 2 && topics.Waiting.Count == 0, "the question and the other's notification");
        _seen.Count(static seen => seen.Body.Contains("SubscriptionConfirmation", StringComparison.Ordinal)).ShouldBe(1);
        subscription.Token!.Length.ShouldBe(288);
    }

    [Fact]
    public async Task WhatIsMoreThanTheSubscriberTakesASecond_Waits()
    {
        await using var topics = await OpenAsync((TopicAttributes.DeliveryPolicy, """{"throttlePolicy":{"maxReceivesPerSecond":2}}"""));
        for (var number = 0; number < 5; number++)
        {
            await topics.PublishAsync("t", $"{number}");
        }

        await DeliveryFixture.UntilAsync(() => _seen.Count == 2 && topics.Waiting.Count(waiting => waiting.Due > _time.GetUtcNow()) == 3, "two of them");
        _time.Advance(TimeSpan.FromSeconds(1));
        await DeliveryFixture.UntilAsync(() => _seen.Count == 4, "two more");
        _time.Advance(TimeSpan.FromSeconds(1));
        await DeliveryFixture.UntilAsync(() => _seen.Count == 5 && topics.Waiting.Count == 0, "the last one");
    }

    [Fact]
    public async Task TheServersOwnAdminApi_IsNotAsked()
    {
        await using var topics = await OpenAsync();
        await topics.SubscribeAsync("t", "http", "http://localhost:4566/_mayfly/api/services");
        await topics.PublishAsync("t", "x");
        await DeliveryFixture.UntilAsync(() => topics.Dead.Count == 1, "it to end");
        topics.Dead.Single().Event.Reason.ShouldBe("InvalidEndpoint: The endpoint is this server's own admin API.");
    }

    private async Task<TopicFixture> OpenAsync(params (string Name, string Value)[] attributes)
    {
        var topics = new TopicFixture(_folder.Path, _time);
        await topics.TopicAsync("t");
        await topics.QueueAsync("letters");
        await topics.SubscribeAsync("t", "http", _url, [.. attributes, (TopicAttributes.RedrivePolicy, $$"""{"deadLetterTargetArn":"{{TopicFixture.Queue("letters").Arn}}"}""")]);
        topics.Start();
        return topics;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                _seen.Enqueue((await reader.ReadToEndAsync(), _time.GetUtcNow()));
                context.Response.StatusCode = _status;
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test ends.
        }
    }
}
