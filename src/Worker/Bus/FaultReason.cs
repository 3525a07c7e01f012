namespace VoiceWorker.Bus;

/// <summary>Why a message failed, without any value of it.</summary>
/// <param name="ExceptionType">Full name of its type.</param>
/// <param name="Message">In words.</param>
internal sealed record FaultReason(string ExceptionType, string Message);
