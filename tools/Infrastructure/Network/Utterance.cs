namespace VoiceWorker.Infrastructure.Network;

/// <summary>A piece of what a side says.</summary>
/// <param name="Speaker">Who says it.</param>
/// <param name="Said">The piece, after the end of what was said before: a cue may be in both.</param>
/// <param name="Tail">How much of it was said before.</param>
/// <param name="Steps">Of statements, completed by the piece.</param>
internal readonly record struct Utterance(
    Side Speaker, ReadOnlyMemory<byte> Said, int Tail, IReadOnlyList<StatementStep> Steps);
