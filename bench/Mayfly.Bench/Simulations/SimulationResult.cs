namespace Mayfly.Bench.Simulations;

/// <summary>What a policy cost on a trace.</summary>
/// <param name="Cold">Share of the arrivals that found no instance.</param>
/// <param name="ColdAtP75">The same, of the function at three quarters of all functions in order of it.</param>
/// <param name="WastedMinutes">Minutes that instances were there and ran nothing.</param>
internal sealed record SimulationResult(double Cold, double ColdAtP75, double WastedMinutes);
