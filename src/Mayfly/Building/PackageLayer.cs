namespace Mayfly.Building;

/// <summary>A folder whose files go into a package.</summary>
/// <param name="Folder">The folder, absolute.</param>
/// <param name="Filtered">Whether the function's package patterns apply: to its own files, not to what a build made.</param>
/// <param name="Only">The only entry of the folder to take; <see langword="null"/> takes all.</param>
public sealed record PackageLayer(string Folder, bool Filtered, string? Only = null);
