namespace Mayfly.Server.Functions.Images;

/// <summary>The content of a file of an image, by where it is in the archive.</summary>
/// <param name="Layer">Which layer, from 0.</param>
/// <param name="Entry">Which entry of the layer, from 0.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Mode">Its rights.</param>
/// <param name="Modified">When it was changed last, by the image's own account.</param>
internal sealed record ImageFile(int Layer, int Entry, long Size, UnixFileMode Mode, DateTimeOffset Modified);
