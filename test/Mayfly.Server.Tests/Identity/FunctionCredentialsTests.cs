using Mayfly.Server.Identity;

namespace Mayfly.Server.Tests.Identity;

/// <summary>Credentials of functions: issued, recognised, and worth nothing when anything about them is wrong.</summary>
public sealed class FunctionCredentialsTests : IDisposable
{
    private static readonly FunctionIdentity Someone = new("123456789012", "eu-central-1", "orders");
    private readonly TemporaryFolder _folder = new();
    private readonly SteppedTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Issued_IsRecognised_AlsoByTheNextServer()
    {
        var issued = Make().Issue(Someone);
        issued.AccessKeyId.ShouldMatch("^ASIA[A-Z2-7]{16}$");
        issued.SecretAccessKey.Length.ShouldBe(40);
        issued.ToString().ShouldNotContain(issued.SecretAccessKey);

        Make().TryRecognise(issued.AccessKeyId, issued.SessionToken, out var identity, out var secret).ShouldBeTrue();

        identity.ShouldBe(Someone);
        secret.ShouldBe(issued.SecretAccessKey);
    }

    [Fact]
    public void EachIssue_IsAnother() => Make().Issue(Someone).AccessKeyId.ShouldNotBe(Make().Issue(Someone).AccessKeyId);

    [Fact]
    public void Expired_IsNotRecognised()
    {
        var issued = Make().Issue(Someone);
        _time.Advance(TimeSpan.FromDays(8));
        Recognises(issued.AccessKeyId, issued.SessionToken).ShouldBeFalse();
    }

    [Fact]
    public void Forged_IsNotRecognised()
    {
        var (one, other) = (Make().Issue(Someone), Make().Issue(Someone with { Function = "payments" }));
        Recognises(one.AccessKeyId, other.SessionToken).ShouldBeFalse();
        Recognises(one.AccessKeyId, "").ShouldBeFalse();
        Recognises(one.AccessKeyId, null).ShouldBeFalse();
        Recognises(one.AccessKeyId, new string('A', 5000)).ShouldBeFalse();
        Recognises(one.AccessKeyId, "not base64!").ShouldBeFalse();
        var token = Convert.FromBase64String(one.SessionToken);
        for (var i = 0; i < token.Length; i++)
        {
            token[i] ^= 1;
            Recognises(one.AccessKeyId, Convert.ToBase64String(token)).ShouldBeFalse($"byte {i} was changed");
            Recognises(one.AccessKeyId, Convert.ToBase64String(token, 0, i)).ShouldBeFalse($"cut at byte {i}");
            token[i] ^= 1;
        }
    }

    [Fact]
    public void Secret_IsTheServersAlone()
    {
        _ = Make();
        File.GetUnixFileMode(Path.Combine(_folder.Path, "identity.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.EnumerateFiles(_folder.Path).Count().ShouldBe(1);
    }

    private FunctionCredentials Make() => new(_folder.Path, _time);

    private bool Recognises(string key, string? token) => Make().TryRecognise(key, token, out _, out _);
}
