namespace VoiceWorker.Persistence.Schema;

/// <summary>The steps of migration 58, in the order in which they can become due.</summary>
public enum MigrationStep
{
    /// <summary>The column is at its target.</summary>
    None,

    /// <summary>ADD COLUMN with type, NOT NULL and default at once: metadata only.</summary>
    AddColumn,

    /// <summary>A narrower varchar is widened in place: metadata only.</summary>
    WidenColumn,

    /// <summary>SET DEFAULT, so that no new row can lack a voice.</summary>
    SetDefault,

    /// <summary>A not yet validated CHECK over NULLs makes every write to an old row fail: it goes first.</summary>
    DropCheckOverNulls,

    /// <summary>Rows with NULL get the default, in small batches.</summary>
    Backfill,

    /// <summary>ADD CHECK … NOT VALID: from here on no NULL can come back.</summary>
    AddCheck,

    /// <summary>VALIDATE CONSTRAINT: the scan, beside readers and writers.</summary>
    ValidateCheck,

    /// <summary>SET NOT NULL: no scan, because of the valid CHECK.</summary>
    SetNotNull,

    /// <summary>The CHECK has done its work.</summary>
    DropCheck,

    /// <summary>A state that is not to be changed by a program.</summary>
    Unsupported,
}
