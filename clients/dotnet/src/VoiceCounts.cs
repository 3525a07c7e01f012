namespace VoiceWorker.Client;

/// <summary>How many calls, since the client was made.</summary>
/// <param name="Answered">Got the worker's answer in time.</param>
/// <param name="Defaulted">Got the default of the caller, because no answer came in time.</param>
/// <param name="Late">Answers that came after their caller had stopped waiting; such a call is defaulted too.</param>
public sealed record VoiceCounts(long Answered, long Defaulted, long Late);
