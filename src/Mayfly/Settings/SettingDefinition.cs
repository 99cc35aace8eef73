using System.Globalization;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Objects.Blobs;
using System.Text.RegularExpressions;

namespace Mayfly.Settings;

/// <summary>One setting: its name in every source, its default and what it may be.</summary>
/// <param name="Key">The key in <c>mayfly.json</c>.</param>
/// <param name="Default">The default as text.</param>
/// <param name="Summary">One line for help.</param>
/// <param name="Problem">Says what is wrong with a value; <see langword="null"/> when nothing is.</param>
public sealed partial record SettingDefinition(string Key, string Default, string Summary, Func<string, string?> Problem)
{
    /// <summary>The port of all doors.</summary>
    public static readonly SettingDefinition Port = new("port", "4566", "Port of all doors", static text => Number(text, 1, 65535));

    /// <summary>The account.</summary>
    public static readonly SettingDefinition Account = new("account", "000000000000", "Account id, twelve digits", static text =>
        text.Length == 12 && text.All(char.IsAsciiDigit) ? null : "must be twelve digits");

    /// <summary>The region.</summary>
    public static readonly SettingDefinition Region = new("region", "us-east-1", "Region of functions whose manifest names none", static text =>
        RegionForm().IsMatch(text) ? null : "must look like us-east-1");

    /// <summary>The stage.</summary>
    public static readonly SettingDefinition Stage = new("stage", "dev", "Stage of the service; stronger than the manifest's when set", static text =>
        StageForm().IsMatch(text) ? null : "must be letters, digits, - and _");

    /// <summary>The limit of instances.</summary>
    public static readonly SettingDefinition MaxInstances = new("maxInstances", InstancesByMemory(), "Most function instances at once", static text => Number(text, 1, 100_000));

    /// <summary>The memory of sandboxes that are made ahead of calls.</summary>
    public static readonly SettingDefinition StemMemory = new("stemMemory", "256", "Memory in MiB for sandboxes made ahead of calls; 0 for none", static text => Number(text, 0, 1_000_000));

    /// <summary>Where large contents of objects go.</summary>
    public static readonly SettingDefinition Objects = new("objects", "local", $"Where contents of objects above 16 KiB go: local, or {RemotePlace.Form}", static text =>
        text == "local" || RemotePlace.TryParse(text, out _, out var problem) ? null : problem);

    /// <summary>All, in the order of <c>mayfly config</c>.</summary>
    public static readonly IReadOnlyList<SettingDefinition> All = [Port, Account, Region, Stage, MaxInstances, StemMemory, Objects];

    /// <summary>The flag, for example <c>--max-instances</c>.</summary>
    public string Flag => "--" + Words('-').ToLowerInvariant();

    /// <summary>The variable, for example <c>MAYFLY_MAX_INSTANCES</c>.</summary>
    public string Variable => "MAYFLY_" + Words('_').ToUpperInvariant();

    // One for every 64 MiB that this process may use, half of the smallest memory limit: idle instances take less, and those
    // that use theirs are held to it. No more than an account may have running at once.
    private static string InstancesByMemory() =>
        Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (64L << 20), 20, InvocationLimits.AccountConcurrency).ToString(CultureInfo.InvariantCulture);

    private string Words(char separator) => string.Concat(Key.Select(c => char.IsUpper(c) ? $"{separator}{c}" : c.ToString()));

    private static string? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? null
            : $"must be a whole number from {least} to {most}";

    [GeneratedRegex("^[a-z]{2}(?:-gov)?-[a-z]+-[0-9]$", RegexOptions.None, 1000)]
    private static partial Regex RegionForm();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$", RegexOptions.None, 1000)]
    private static partial Regex StageForm();
}
