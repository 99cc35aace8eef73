namespace Mayfly.Settings;

/// <summary>Where a setting's value came from, strongest first.</summary>
public enum SettingSource
{
    /// <summary>A flag on the command line.</summary>
    Flag,

    /// <summary>A <c>MAYFLY_*</c> variable.</summary>
    Variable,

    /// <summary>The folder's <c>mayfly.json</c>.</summary>
    File,

    /// <summary>Built in.</summary>
    Default,
}
