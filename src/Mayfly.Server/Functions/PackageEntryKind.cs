namespace Mayfly.Server.Functions;

/// <summary>What an entry of a code package becomes on disk.</summary>
internal enum PackageEntryKind
{
    File,
    Folder,
    Link,
}
