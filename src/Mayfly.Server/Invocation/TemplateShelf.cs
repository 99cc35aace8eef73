using System.Collections.Concurrent;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Invocation;

/// <summary>
/// The templates of published versions that ask for SnapStart: for each one instance that has initialised, serves no invocation and is forked for those
/// that do. It is made when the version's first instance is needed.
/// </summary>
internal sealed class TemplateShelf
{
    private readonly ConcurrentDictionary<string, Lazy<Task<StartOutcome>>> _templates = new(StringComparer.Ordinal);

    /// <summary>The template of a revision.</summary>
    /// <param name="revision">What runs in it.</param>
    /// <param name="start">Starts it.</param>
    /// <returns>The template; a failure of its own when it cannot initialise; or nothing at all when it cannot be forked.</returns>
    internal async Task<StartOutcome> GetAsync(Revision revision, Func<Task<StartOutcome>> start)
    {
        var made = _templates.GetOrAdd(revision.Id, _ => new(start));
        var outcome = await made.Value;
        if (outcome.Failure is not null || outcome.Instance is { IsBroken: true })
        {
            _templates.TryRemove(new(revision.Id, made));
        }

        return outcome.Instance is { IsBroken: true } ? await GetAsync(revision, start) : outcome;
    }

    /// <summary>Ends the template of a revision that is there no more.</summary>
    internal async Task DropAsync(string revision)
    {
        if (_templates.TryRemove(revision, out var made) && (await made.Value).Instance is { } template)
        {
            await template.StopAsync();
        }
    }
}
