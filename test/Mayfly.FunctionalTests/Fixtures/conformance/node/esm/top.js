const word = await Promise.resolve('awaited'); export const handler = async () => word;
