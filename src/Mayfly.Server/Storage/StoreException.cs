using Microsoft.Data.Sqlite;

namespace Mayfly.Server.Storage;

/// <summary>A store that cannot be used, or a write that did not become durable.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="inner">The cause, when there is one.</param>
public sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner)
{
    // SQLite's result codes, https://www.sqlite.org/rescode.html
    private const int ReadOnly = 8;
    private const int ReadOrWriteFailed = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;

    // Of Linux: ENOSPC, EROFS, EDQUOT.
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;

    /// <summary>The disk's failure that an exception tells of: full, read-only or broken; <see langword="null"/> when it is about something else.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="systemError">What the operating system said, where SQLite was told: a disk that became read-only while its files were open is for SQLite one that fails.</param>
    public static StoreException? Of(Exception exception, int systemError = 0) => exception switch
    {
        StoreException store => store,
        SqliteException { SqliteErrorCode: ReadOrWriteFailed } when systemError == ReadOnlyFileSystem => NotWritable(exception),
        SqliteException { SqliteErrorCode: ReadOrWriteFailed } when systemError == QuotaExceeded => NoRoom(exception),
        SqliteException { SqliteErrorCode: Full } => NoRoom(exception),
        SqliteException { SqliteErrorCode: ReadOnly or CannotOpen } => NotWritable(exception),
        SqliteException { SqliteErrorCode: ReadOrWriteFailed } => Broken(exception),
        IOException { HResult: NoSpace or QuotaExceeded } => NoRoom(exception),
        IOException { HResult: ReadOnlyFileSystem } => NotWritable(exception),
        _ => null,
    };

    private static StoreException NoRoom(Exception cause) =>
        new("The disk that Mayfly's store is on is full. Nothing of this was accepted: free some space and try again.", cause);

    private static StoreException NotWritable(Exception cause) =>
        new("Mayfly's store cannot be written: its disk is read-only, or its files belong to another user. Nothing of this was accepted: make it writable and try again.", cause);

    private static StoreException Broken(Exception cause) =>
        new($"The disk that Mayfly's store is on failed ({cause.Message}) Nothing of this was accepted: see the kernel's log for the disk, and try again.", cause);
}
