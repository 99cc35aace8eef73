// Loads what Node.js needs for modules.
import './warm.cjs';
export const handler = async () => null;
