namespace VoiceWorker.Persistence.Schema;

/// <summary>The shadow column, which takes the place of a <c>voice_id</c> that is too wide to be converted in
/// place.</summary>
public enum ShadowState
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Something of it is missing or switched off, so that nothing is known of its values.</summary>
    Broken,

    /// <summary>Its trigger keeps new values equal; old ones are being copied.</summary>
    Filling,

    /// <summary>A CHECK, not yet validated, keeps it equal.</summary>
    Checked,

    /// <summary>It is proven equal, and can be swapped in.</summary>
    Proven,
}
