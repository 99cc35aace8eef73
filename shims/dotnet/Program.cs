using Mayfly.Shims.DotNet;

Environment.ExitCode = Shim.Run();
