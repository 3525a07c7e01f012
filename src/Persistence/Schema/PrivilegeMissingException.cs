namespace VoiceWorker.Persistence.Schema;

/// <summary>The role may not do what is left to do; nothing was written.</summary>
/// <param name="missing">What the role lacks.</param>
/// <param name="script">SQL for somebody who has the right.</param>
public sealed class PrivilegeMissingException(string missing, string script) : Exception(missing)
{
    /// <summary>SQL for psql that does what is left to do.</summary>
    public string Script { get; } = script;
}
