namespace VoiceWorker.Persistence.Schema;

/// <summary>The steps of migration 58, in the order in which they can become due.</summary>
public enum MigrationStep
{
    /// <summary>The column is at its target.</summary>
    None,

    /// <summary>The triggers that record the application's own changes go: they are not wanted, or in the way of a
    /// change of type.</summary>
    RemoveCapture,

    /// <summary>A shadow column that is of no use goes first: its trigger is in the way of the application.</summary>
    DropShadow,

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

    /// <summary>A wider type of a small table is changed in place: rewriting it takes milliseconds.</summary>
    NarrowColumn,

    /// <summary>A wider type of a large table: a second column with a trigger that keeps it equal.</summary>
    AddShadow,

    /// <summary>The values of old rows into the shadow, in small batches.</summary>
    CopyToShadow,

    /// <summary>ADD CHECK … NOT VALID: from here on the two columns cannot differ.</summary>
    AddShadowCheck,

    /// <summary>VALIDATE CONSTRAINT: the proof, beside readers and writers.</summary>
    ValidateShadow,

    /// <summary>The shadow becomes voice_id, in one transaction that scans nothing.</summary>
    SwapShadow,

    /// <summary>CREATE TRIGGER, with its function: what the application writes itself is recorded.</summary>
    AddCapture,

    /// <summary>A state that is not to be changed by a program.</summary>
    Unsupported,
}
