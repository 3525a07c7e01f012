namespace VoiceWorker.Persistence.Schema;

/// <summary>The helper constraint <c>CHECK (voice_id IS NOT NULL)</c>, which lets SET NOT NULL skip its scan.</summary>
public enum CheckState
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>New rows obey it, old ones were not looked at (NOT VALID).</summary>
    NotValidated,

    /// <summary>All rows obey it.</summary>
    Valid,
}
