using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>Opens the place of contents, and holds to the one that contents are in.</summary>
internal static class BlobPlaces
{
    public const string Schema = "CREATE TABLE blob_place (place TEXT NOT NULL);";

    private const string Here = "local";

    /// <summary>Opens the place that the settings name.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="database">The store, which remembers the place.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="StoreException">There are contents in another place.</exception>
    public static async Task<IBlobStore> OpenAsync(ServerSettings settings, Database database, TimeProvider time)
    {
        var folder = new BlobFolder(Path.Combine(settings.StoreFolder, "objects"), time);
        var wanted = settings.Objects?.ToString() ?? Here;
        var known = database.Read(static session => session.Scalar("SELECT place FROM blob_place")) as string ?? Here;
        if (wanted != known)
        {
            if (folder.HasFresh || database.Read(static session => session.Scalar("SELECT 1 FROM blobs LIMIT 1")) is not null)
            {
                throw new StoreException($"The contents of objects are in '{known}', and the setting objects names '{wanted}'. Start with --objects '{known}'; another place can be named once all objects are deleted.");
            }

            await database.WriteAsync(
                session =>
                {
                    session.Execute("DELETE FROM blob_place");
                    session.Execute("INSERT INTO blob_place (place) VALUES ($place)", ("$place", wanted));
                },
                CancellationToken.None);
        }

        return settings.Objects is { } place ? new RemoteBlobs(folder, new(place)) : folder;
    }
}
