namespace VoiceWorker.Infrastructure.Network;

/// <summary>Bytes that one side of a connection says.</summary>
/// <param name="Speaker">Who says them.</param>
/// <param name="Bytes">At most 64.</param>
public sealed record Cue(Side Speaker, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The same, of text in ASCII.</summary>
    public static Cue Of(Side speaker, string text) => new(speaker, System.Text.Encoding.ASCII.GetBytes(text));
}
