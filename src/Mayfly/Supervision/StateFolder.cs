namespace Mayfly.Supervision;

/// <summary>The state folder of one Mayfly, <c>.mayfly</c> in a project: what lies where in it.</summary>
/// <param name="Root">The folder, absolute.</param>
public sealed record StateFolder(string Root)
{
    /// <summary>The name in a project.</summary>
    public const string FolderName = ".mayfly";

    /// <summary>Held by the running supervisor.</summary>
    public string Lock => Path.Combine(Root, "lock");

    /// <summary>Pid and base URL of who holds the lock.</summary>
    public string Holder => Path.Combine(Root, "holder");

    /// <summary>The base URL of the running server.</summary>
    public string Endpoint => Path.Combine(Root, "endpoint");

    /// <summary>What the supervisor prepares for the other processes, which only read it.</summary>
    public string Prepared => Path.Combine(Root, "prepared");

    /// <summary>The interpreters of this machine; appears when they are known.</summary>
    public string Interpreters => Path.Combine(Prepared, "interpreters.json");

    /// <summary>The unpacked shims.</summary>
    public string Shims => Path.Combine(Prepared, "shims");

    /// <summary>The user who owns the store, so that it need not be looked through at each start.</summary>
    private string StoreOwner => Path.Combine(Root, "store-owner");

    /// <summary>Staging and caches of builds.</summary>
    public string Build => Path.Combine(Root, "build");

    /// <summary>The server's own folder.</summary>
    public string Store => Path.Combine(Root, "store");

    /// <summary>Where the server may keep temporary files.</summary>
    public string StoreTemp => Path.Combine(Store, "tmp");

    /// <summary>What a child printed.</summary>
    public string LogOf(string child) => Path.Combine(Root, child + ".log");

    /// <summary>Makes the folder and what must be in it.</summary>
    /// <exception cref="SupervisorException">It belongs to somebody else or cannot be written.</exception>
    public void Create()
    {
        try
        {
            const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            Directory.CreateDirectory(Root, OnlyOwner);
            File.SetUnixFileMode(Root, OnlyOwner);
            foreach (var folder in (string[])[Prepared, Shims, Build, Store, StoreTemp])
            {
                Directory.CreateDirectory(folder);
            }

            var ignore = Path.Combine(Root, ".gitignore");
            if (!File.Exists(ignore))
            {
                File.WriteAllText(ignore, "*\n");
            }

            // The folder may be there and its disk read-only by now.
            var probe = Path.Combine(StoreTemp, "probe");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new SupervisorException($"{Root} cannot be used: {e.Message} If its disk is read-only, make it writable; if another user made it, remove it or run as that user.", e);
        }
    }

    /// <summary>Gives the store to the server's user, where an earlier run left it to another.</summary>
    public void GiveStoreTo(uint user)
    {
        var owner = user.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Own(Store);
        Own(StoreTemp);
        if (File.Exists(StoreOwner) && File.ReadAllText(StoreOwner) == owner)
        {
            return;
        }

        foreach (var entry in new DirectoryInfo(Store).EnumerateFileSystemInfos("*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
            IgnoreInaccessible = true,
        }))
        {
            Own(entry.FullName);
        }

        File.WriteAllText(StoreOwner, owner);

        void Own(string path) => _ = Posix.ChangeOwner(path, user, user);
    }
}
