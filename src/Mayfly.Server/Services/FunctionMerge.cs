using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Services;

/// <summary>
/// Lays what a deployment says of a function over the function as it is. Code, settings and URL are the deployment's as a
/// whole. An alias and the settings of asynchronous invocations are too where it names them; where it names none, those that an
/// earlier deployment made are taken away, and those that were made by other means stay.
/// </summary>
internal static class FunctionMerge
{
    /// <summary>The function as it shall be: the old object itself when nothing differs, the old revision when only what hangs on it does.</summary>
    /// <param name="old">The function as it is; <see langword="null"/> when it is new.</param>
    /// <param name="wanted">What the deployment says.</param>
    /// <param name="made">The revision that it becomes when code or settings differ.</param>
    /// <param name="service">The service that deploys it.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ServiceException">It would be its own destination.</exception>
    public static Function Over(Function? old, DeployedFunction wanted, Revision made, string service, DateTimeOffset now)
    {
        // 1. Code and settings.
        var same = old is not null && old.Latest.Code == made.Code && SameJson(old.Latest.Config, wanted.Config, ServicesJson.Default.FunctionConfig);
        var function = old is null ? new() { Key = made.Function, Latest = made, Service = service } : old with { Latest = same ? old.Latest : made, Service = service };

        // 2. The version, and the alias that names it.
        var was = old?.Declared ?? DeclaredSettings.None;
        (function, var version) = Release(function, was, wanted, now);

        // 3. What hangs on the alias, or on the function itself where there is none.
        var (from, to) = (was.Alias, wanted.Alias?.Name);
        var url = Url(old?.For(from).Url ?? old?.Url, wanted.Url, now);
        if (to is not null)
        {
            var bare = function.For(null);
            function = function.With(null, bare with { Url = null, Async = was.Async && from is null ? null : bare.Async });
        }

        var settings = function.For(to);
        function = function.With(to, settings with
        {
            Url = url,
            Async = wanted.Async is { } asked ? Async(settings.Async, asked, made.Function, now) : was.Async && from == to ? null : settings.Async,
            Provisioned = to is null ? settings.Provisioned : Provisioned(settings.Provisioned, wanted.Alias!.Provisioned, now),
        });

        // 4. What of it is the manifest's, for the next time.
        var declared = new DeclaredSettings(to, version, wanted.Async is not null);
        function = function with { Declared = declared == DeclaredSettings.None ? null : declared };
        return function == old ? old : function;
    }

    /// <summary>Publishes what is new, moves the alias, and drops what the alias named before unless versions are kept.</summary>
    /// <returns>The function, and the number of the version that is there for the alias alone.</returns>
    private static (Function Function, int? Version) Release(Function function, DeclaredSettings was, DeployedFunction wanted, DateTimeOffset now)
    {
        // 1. Publish.
        var before = function.LastVersion;
        Revision? version = null;
        if (wanted.Alias is not null || wanted.KeepsVersions)
        {
            (function, version) = function.Publish(null, now);
        }

        // 2. Move the alias.
        if (was.Alias is { } gone && gone != wanted.Alias?.Name)
        {
            function = (function with { Aliases = function.Aliases.Remove(gone) }).With(gone, QualifierSettings.None);
        }

        if (wanted.Alias is { } alias)
        {
            var known = function.Aliases.GetValueOrDefault(alias.Name);
            if (known is not { WeightedVersion: null } || known.Version != version!.Version)
            {
                known = new() { Name = alias.Name, Version = version!.Version, Description = known?.Description ?? "", RevisionId = Guid.NewGuid().ToString() };
                function = function with { Aliases = function.Aliases.SetItem(alias.Name, known) };
            }
        }

        // 3. Drop what nobody names any more.
        if (wanted.KeepsVersions)
        {
            return (function, null);
        }

        int? own = function.LastVersion > before ? function.LastVersion : was.Version;
        if (was.Version is { } spent && version?.Version != Text(spent))
        {
            own = own == spent ? null : own;
            function = function.For(Text(spent)) != QualifierSettings.None || function.Aliases.Values.Any(other => other.Names(Text(spent)))
                ? function
                : function with { Versions = function.Versions.Remove(spent) };
        }

        return (function, own);

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static FunctionUrl? Url(FunctionUrl? old, FunctionUrl? wanted, DateTimeOffset now)
    {
        if (wanted is null)
        {
            return null;
        }

        var url = wanted with
        {
            Id = old?.Id ?? (wanted.Id is { Length: > 0 } given ? given : FunctionUrl.NewId()),
            CreationTime = old?.CreationTime ?? now,
            LastModifiedTime = old?.LastModifiedTime ?? now,
        };
        return old is null ? url : SameJson(old, url, ServicesJson.Default.FunctionUrl) ? old : url with { LastModifiedTime = now };
    }

    private static AsyncSettings Async(AsyncSettings? old, DeployedAsync wanted, FunctionKey self, DateTimeOffset now)
    {
        var settings = new AsyncSettings
        {
            MaximumRetryAttempts = wanted.MaximumRetryAttempts,
            MaximumEventAgeSeconds = wanted.MaximumEventAgeSeconds,
            OnSuccess = Arn(wanted.OnSuccess, self),
            OnFailure = Arn(wanted.OnFailure, self),
            LastModified = old?.LastModified ?? now,
        };
        return settings == old ? old : settings with { LastModified = now };
    }

    private static string? Arn(string? destination, FunctionKey self)
    {
        if (destination is null || !FunctionRef.TryParse(destination, self.Account, self.Region, out var target))
        {
            return destination;
        }

        return target.Key == self ? throw new ServiceException("InvalidDeployment", $"function '{self.Name}': it cannot be its own destination")
            : target.Qualifier is null ? target.Key.Arn
            : $"{target.Key.Arn}:{target.Qualifier}";
    }

    private static ProvisionedConcurrency? Provisioned(ProvisionedConcurrency? old, int? wanted, DateTimeOffset now) =>
        wanted is not { } number ? null : old?.Requested == number ? old : new(number, now);

    private static bool SameJson<T>(T left, T right, JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToUtf8Bytes(left, type).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(right, type));
}
