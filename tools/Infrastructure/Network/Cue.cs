using System.Text;

namespace VoiceWorker.Infrastructure.Network;

/// <summary>What a connection is listened to for.</summary>
/// <param name="Speaker">Who says it.</param>
public abstract record Cue(Side Speaker)
{
    /// <summary>Text in ASCII, of at most 64 characters.</summary>
    public static Cue Says(Side speaker, string text) => Says(speaker, text, Encoding.ASCII.GetBytes(text));

    /// <summary>Bytes of a protocol.</summary>
    /// <param name="speaker">Who says them.</param>
    /// <param name="name">What the protocol calls them.</param>
    /// <param name="bytes">At most 64.</param>
    public static Cue Says(Side speaker, string name, ReadOnlyMemory<byte> bytes) => new Spoken(speaker, name, bytes);

    /// <summary>The client runs the statement with a mark.</summary>
    public static Cue Runs(string mark) => new Marked(Side.Client, Step.Runs, mark);

    /// <summary>The statement with a mark has touched or returned rows, and the answer is on its way.</summary>
    public static Cue HasRun(string mark) => new Marked(Side.Server, Step.HasRun, mark);

    /// <summary>The transaction in which the statement with a mark was run is committed, and the answer is on its
    /// way.</summary>
    public static Cue IsCommitted(string mark) => new Marked(Side.Server, Step.IsCommitted, mark);

    /// <summary>Finds where in the utterance it ends, after <paramref name="from"/> and not in the tail alone;
    /// -1 when it is not there.</summary>
    internal abstract int Find(Utterance heard, int from);

    private sealed record Spoken(Side Speaker, string Name, ReadOnlyMemory<byte> Bytes) : Cue(Speaker)
    {
        public override string ToString() => $"the {(Speaker == Side.Client ? "client" : "server")} to say '{Name}'";

        internal override int Find(Utterance heard, int from)
        {
            from = Math.Max(from, heard.Tail - (Bytes.Length - 1));
            var found = heard.Said.Span[from..].IndexOf(Bytes.Span);
            return found < 0 ? -1 : from + found + Bytes.Length;
        }
    }

    private sealed record Marked(Side Speaker, Step Step, string Mark) : Cue(Speaker)
    {
        public override string ToString() => Step switch
        {
            Step.Runs => $"the statement marked '{Mark}'",
            Step.HasRun => $"rows of the statement marked '{Mark}'",
            _ => $"the commit of the statement marked '{Mark}'",
        };

        internal override int Find(Utterance heard, int from)
        {
            foreach (var step in heard.Steps)
            {
                if ((step.Step, step.Mark) == (Step, Mark) && heard.Tail + step.End > from)
                    return heard.Tail + step.End;
            }

            return -1;
        }
    }
}
