namespace VoiceWorker.Persistence.Audit;

/// <summary>The session that holds the leadership of the relay.</summary>
/// <param name="Pid">PostgreSQL's process.</param>
/// <param name="Client">Address of its worker; null for a local socket, or when the role may not see it.</param>
/// <param name="SessionSince">When the session began: it leads at the longest since then. Null when the role may not
/// see it.</param>
public sealed record RelayLeader(int Pid, string? Client, DateTimeOffset? SessionSince);
