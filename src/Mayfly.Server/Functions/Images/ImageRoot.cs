namespace Mayfly.Server.Functions.Images;

/// <summary>Looks into an unpacked image as its own programs would: links are followed with the image's root as the root.</summary>
/// <param name="folder">Where it is unpacked.</param>
public sealed class ImageRoot(string folder)
{
    private const int MaxHops = 40;

    /// <summary>Where a path really is, without a link on its way; <see langword="null"/> when nothing is there.</summary>
    /// <param name="path">Absolute, inside.</param>
    public string? Resolve(string path)
    {
        var ahead = new Stack<string>(path.Split('/').Reverse());
        var behind = new List<string>();
        var hops = 0;
        while (ahead.TryPop(out var name))
        {
            switch (name)
            {
                case "" or ".":
                    continue;
                case "..":
                    behind.RemoveRange(Math.Max(0, behind.Count - 1), Math.Min(1, behind.Count));
                    continue;
            }

            var entry = new FileInfo($"{folder}/{string.Join('/', behind.Append(name))}");
            if (entry.LinkTarget is not { } target)
            {
                if (!entry.Exists && !Directory.Exists(entry.FullName))
                {
                    return null;
                }

                behind.Add(name);
                continue;
            }

            if (++hops > MaxHops)
            {
                return null;
            }

            if (target.StartsWith('/'))
            {
                behind.Clear();
            }

            foreach (var part in target.Split('/').Reverse())
            {
                ahead.Push(part);
            }
        }

        return $"{folder}/{string.Join('/', behind)}";
    }
}
