using System.IO.Compression;

namespace Mayfly.Server.Functions;

/// <summary>One checked entry of a code package.</summary>
/// <param name="Path">Relative, normalised, without a slash at either end.</param>
/// <param name="Kind">What it becomes.</param>
/// <param name="Executable">Whether a file gets the execute bit.</param>
/// <param name="Target">Where a link points.</param>
/// <param name="Source">The entry in the zip.</param>
internal sealed record PackageEntry(string Path, PackageEntryKind Kind, bool Executable, string? Target, ZipArchiveEntry Source);
