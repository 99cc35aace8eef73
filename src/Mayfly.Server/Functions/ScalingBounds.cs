namespace Mayfly.Server.Functions;

/// <summary>Bounds of the number of instances: the function scaling configuration of the Lambda API.</summary>
/// <param name="Least">Instances that stay; <see langword="null"/> means none need to.</param>
/// <param name="Most">Instances at once; <see langword="null"/> means no bound of its own.</param>
public sealed record ScalingBounds(int? Least, int? Most);
