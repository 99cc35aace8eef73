namespace Mayfly.Server.Functions;

/// <summary>Follows the links of a code package as the kernel would, through one another, without making any.</summary>
/// <param name="entries">All files and links by path.</param>
internal sealed class PackageLinks(IReadOnlyDictionary<string, PackageEntry> entries)
{
    // The kernel's own limit.
    private const int MaxHops = 40;

    /// <summary>Checks that a link ends inside the tree. One that dangles is harmless.</summary>
    /// <exception cref="CodePackageException">It leads out, or in a circle.</exception>
    public void Check(PackageEntry link)
    {
        var at = new List<string>(link.Path.Split('/')[..^1]);
        var hops = 0;
        Follow(at, link, link, ref hops);
    }

    private void Follow(List<string> at, PackageEntry link, PackageEntry first, ref int hops)
    {
        if (++hops > MaxHops)
        {
            throw new CodePackageException($"The link '{PackageContents.Shown(first.Path)}' leads in a circle.");
        }

        var target = link.Target!;
        if (target.Length == 0 || target[0] == '/' || target.Contains('\0'))
        {
            throw LeadsOut(first);
        }

        foreach (var segment in target.Split('/'))
        {
            if (segment is "" or ".")
            {
                continue;
            }

            if (segment == "..")
            {
                if (at.Count == 0)
                {
                    throw LeadsOut(first);
                }

                at.RemoveAt(at.Count - 1);
                continue;
            }

            at.Add(segment);
            if (entries.TryGetValue(string.Join('/', at), out var next) && next.Kind == PackageEntryKind.Link)
            {
                at.RemoveAt(at.Count - 1);
                Follow(at, next, first, ref hops);
            }
        }
    }

    private static CodePackageException LeadsOut(PackageEntry link) => new(
        $"The link '{PackageContents.Shown(link.Path)}' points to '{PackageContents.Shown(link.Target!)}', which is outside of the code.");
}
