using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace VoiceWorker.DeadLetters;

/// <summary>
/// An id for a message that may have none: the same each time one looks, another after the next failure. Messages that
/// are equal byte for byte and failed in the same instant share one.
/// </summary>
internal static class DeadLetterId
{
    private const int Length = 12;

    /// <summary>The first 12 hexadecimal characters of SHA-256 over all of it.</summary>
    /// <param name="queue">Where it lies.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="messageId">Its producer's id, if any.</param>
    /// <param name="diedAt">Time of its death as the header has it, if any.</param>
    public static string Of(string queue, ReadOnlySpan<byte> body, string? messageId, string? diedAt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(queue));
        Append(hash, body);
        Append(hash, Encoding.UTF8.GetBytes(messageId ?? ""));
        Append(hash, Encoding.UTF8.GetBytes(diedAt ?? ""));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Length];
    }

    // With its length: "ab" + "c" is not "a" + "bc".
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
