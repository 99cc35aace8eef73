// Loads what Node.js needs for modules.
import './warm.js';
export const handler = async () => null;
