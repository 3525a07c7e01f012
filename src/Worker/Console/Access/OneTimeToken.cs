using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace VoiceWorker.WebConsole.Access;

/// <summary>What the printed address has in it: whoever reads this process's output may sign in, once for
/// each.</summary>
internal sealed class OneTimeToken
{
    private const int Bytes = 32;

    private string _token = Next();

    /// <summary>The one that is good now.</summary>
    public string Current => Volatile.Read(ref _token);

    /// <summary>Whether it is the one; from then on another is.</summary>
    public bool TryUse(string? given)
    {
        var current = Current;
        return CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(given ?? ""), Encoding.UTF8.GetBytes(current))
            && Interlocked.CompareExchange(ref _token, Next(), current) == current;
    }

    private static string Next() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
}
