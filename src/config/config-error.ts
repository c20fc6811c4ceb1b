/** The configuration can't be used. The message is one line that names the key, where it was given, and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
