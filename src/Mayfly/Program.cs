using Mayfly.Commands;
using Mayfly.Roles;

// The roles come first: a child must not pay for the command line's libraries.
return args is [var role, ..]
    ? role switch
    {
        SandboxdRole.Name => await SandboxdRole.RunAsync(args[1..]),
        ServerRole.Name => await ServerRole.RunAsync(args[1..]),
        _ => await CommandLine.RunAsync(args),
    }
    : await CommandLine.RunAsync(args);
