using System.Buffers.Binary;

namespace VoiceWorker.Infrastructure.Network;

/// <summary>What one side of a PostgreSQL connection says, message by message, wherever its pieces end.</summary>
internal sealed class PostgresMessages
{
    // All that is of interest stands at the beginning of a message: names, a mark, a tag. The rest is counted.
    private const int Kept = 512;

    private readonly byte[] _message = new byte[Kept];
    private int _header;
    private long _seen;

    /// <summary>Of the message that was read last; 0 when it has none.</summary>
    public char Type => _header == 5 ? (char)_message[0] : '\0';

    /// <summary>The beginning of the message that was read last, without type and length.</summary>
    public ReadOnlySpan<byte> Body => _message.AsSpan(_header, (int)Math.Min(Size, Kept) - _header);

    private long Size => BinaryPrimitives.ReadUInt32BigEndian(_message.AsSpan(_header - 4)) + _header - 4L;

    /// <summary>Takes from a piece up to the end of a message; false when the piece ends before.</summary>
    /// <param name="piece">What remains of it follows.</param>
    /// <param name="hasType">Whether the message begins with its type; what opens a connection does not.</param>
    public bool TryRead(ref ReadOnlySpan<byte> piece, bool hasType)
    {
        _header = hasType ? 5 : 4;
        while (piece.Length > 0)
        {
            var taken = (int)Math.Min((_seen < _header ? _header : Size) - _seen, piece.Length);
            if (_seen < Kept)
                piece[..(int)Math.Min(taken, Kept - _seen)].CopyTo(_message.AsSpan((int)_seen));
            _seen += taken;
            piece = piece[taken..];
            if (_seen < _header || _seen < Size)
                continue;
            _seen = 0;
            return true;
        }

        return false;
    }
}
