using Mayfly.Server.Services;

namespace Mayfly.Deploying;

/// <summary>Packs one layer.</summary>
/// <param name="layer">Which.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task<LayerBuild> LayerPacker(LayerDefinition layer, CancellationToken cancellationToken);
