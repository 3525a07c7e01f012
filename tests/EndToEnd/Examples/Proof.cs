namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>What an audit consumer says of its file.</summary>
internal sealed record Proof(int Events, int Streams, int Missing, int Repeated, int ExitCode);
