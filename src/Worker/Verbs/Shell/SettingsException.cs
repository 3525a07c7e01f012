namespace VoiceWorker.Verbs.Shell;

/// <summary>A setting on the command line is none.</summary>
/// <param name="message">Which, and what would be right.</param>
public sealed class SettingsException(string message) : Exception(message);
