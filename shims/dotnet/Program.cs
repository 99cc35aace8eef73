using Mayfly.Shims.DotNet;

Environment.ExitCode = Shim.Run(isStem: args is ["--stem"]);
