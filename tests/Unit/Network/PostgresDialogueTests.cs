using System.Buffers.Binary;
using System.Text;
using VoiceWorker.Infrastructure.Network;

namespace VoiceWorker.Tests.Unit.Network;

/// <summary>What a proxy hears of marked statements, wherever the pieces of a conversation end.</summary>
public sealed class PostgresDialogueTests
{
    private const string Sql = "/* sequence */ WITH taken AS (DELETE FROM voice.outbox) SELECT 1";
    private const int LongestPiece = 64;

    [Fact]
    public void A_statement_is_heard_from_its_first_run_to_its_commit()
    {
        var heard = Talk(Opening, Run, Server(Rows(3), Complete("INSERT 0 3"), Ready('I')));

        Assert.Equal(["Runs sequence", "HasRun sequence", "IsCommitted sequence"], heard);
    }

    [Fact]
    public void A_prepared_statement_keeps_its_mark_by_its_name()
    {
        var heard = Talk(
            Opening, Client(Parse("_p1", Sql), Parse("_p2", "SELECT 1"), Sync), Server(Ready('I')),
            Client(Bind("_p2"), Execute, Bind("_p1"), Execute, Sync),
            Server(Complete("SELECT 1"), Rows(1), Complete("INSERT 0 1"), Ready('I')));

        Assert.Equal(["Runs sequence", "HasRun sequence", "IsCommitted sequence"], heard);
    }

    [Fact]
    public void A_transaction_is_committed_when_the_server_is_idle_again()
    {
        var run = Client(Query("BEGIN"), Parse("", Sql), Bind(""), Execute, Sync);
        var ran = Server(Complete("BEGIN"), Ready('T'), Complete("INSERT 0 1"), Ready('T'));

        Assert.Equal(["Runs sequence", "HasRun sequence"], Talk(Opening, run, ran));
        Assert.Equal(
            ["Runs sequence", "HasRun sequence", "IsCommitted sequence"],
            Talk(Opening, run, ran, Client(Query("COMMIT")), Server(Complete("COMMIT"), Ready('I'))));
        Assert.Equal(
            ["Runs sequence", "HasRun sequence"],
            Talk(Opening, run, ran, Client(Query("ROLLBACK")), Server(Complete("ROLLBACK"), Ready('I'))));
    }

    [Fact]
    public void A_statement_that_touches_no_row_has_nothing_to_tell_but_its_commit()
    {
        var heard = Talk(Opening, Run, Server(Complete("INSERT 0 0"), Ready('I')));

        Assert.Equal(["Runs sequence", "IsCommitted sequence"], heard);
    }

    [Fact]
    public void What_follows_an_error_is_skipped_by_the_server()
    {
        var heard = Talk(
            Opening, Client(Parse("_p1", Sql), Bind("_p1"), Execute, Parse("", "SELECT 1"), Bind(""), Execute, Sync),
            Server(Message('E', "SERROR\0C23505\0\0"), Ready('I')),
            Client(Bind("_p1"), Execute, Sync), Server(Complete("INSERT 0 1"), Ready('I')));

        Assert.Equal(["Runs sequence", "Runs sequence", "HasRun sequence", "IsCommitted sequence"], heard);
    }

    [Fact]
    public void A_failed_commit_is_none()
    {
        var heard = Talk(
            Opening, Run, Server(Rows(1), Complete("INSERT 0 1"), Message('E', "SERROR\0C23514\0\0"), Ready('I')));

        Assert.Equal(["Runs sequence", "HasRun sequence"], heard);
    }

    [Theory]
    [InlineData("Close")]
    [InlineData("DISCARD ALL")]
    [InlineData("DEALLOCATE ALL")]
    public void A_name_that_is_used_again_has_the_new_mark(string gone)
    {
        var goes = gone == "Close" ? Client(Message('C', "S_p1\0"), Sync) : Client(Query(gone));
        var heard = Talk(
            Opening, Client(Parse("_p1", Sql), Sync), Server(Ready('I')),
            goes, Server(Message('3', ""), Ready('I')),
            Client(Parse("_p1", "SELECT 1"), Bind("_p1"), Execute, Sync), Server(Complete("SELECT 1"), Ready('I')),
            Client(Parse("_p1", "/* lock businesses */ SELECT 1"), Bind("_p1"), Execute, Sync));

        Assert.Equal(["Runs lock businesses"], heard);
    }

    [Fact]
    public void Encryption_that_is_refused_is_no_obstacle()
    {
        var heard = Talk(
            Client(Untyped(80_877_104)), Server("N"u8.ToArray()), Client(Untyped(80_877_103)), Server("N"u8.ToArray()),
            Opening, Run);

        Assert.Equal(["Runs sequence"], heard);
    }

    [Fact]
    public void Nothing_is_heard_where_it_is_encrypted_or_of_another_protocol()
    {
        Assert.Empty(Talk(Client(Untyped(80_877_103)), Server("S"u8.ToArray()), Opening, Run));
        Assert.Empty(Talk(Client("AMQP\0\0\t\u0001"u8.ToArray()), Server([1, 0, 0, 0, 0, 0, 9, 206]), Run));
    }

    private static (Side, byte[]) Opening => Client(Untyped(196_608, "user\0worker\0\0"));

    private static (Side, byte[]) Run => Client(Parse("", Sql), Bind(""), Execute, Sync);

    private static byte[] Execute => Message('E', "\0\0\0\0\0");

    private static byte[] Sync => Message('S', "");

    private static List<string> Talk(params (Side Speaker, byte[] Said)[] conversation)
    {
        var heard = Talk(int.MaxValue, conversation);
        for (var length = 1; length <= LongestPiece; length++)
            Assert.Equal(heard, Talk(length, conversation));
        return heard;
    }

    private static List<string> Talk(int longestPiece, (Side Speaker, byte[] Said)[] conversation)
    {
        var dialogue = new PostgresDialogue();
        var heard = new List<string>();
        foreach (var (speaker, said) in conversation)
        {
            foreach (var piece in said.Chunk(longestPiece))
            {
                foreach (var step in dialogue.Hear(speaker, piece))
                {
                    Assert.InRange(step.End, 1, piece.Length);
                    heard.Add($"{step.Step} {step.Mark}");
                }
            }
        }

        return heard;
    }

    private static (Side, byte[]) Client(params byte[][] messages) => (Side.Client, [.. messages.SelectMany(m => m)]);

    private static (Side, byte[]) Server(params byte[][] messages) => (Side.Server, [.. messages.SelectMany(m => m)]);

    private static byte[] Parse(string name, string sql) => Message('P', $"{name}\0{sql}\0\0\0");

    // With a parameter that looks like messages, and is longer than what is kept of one.
    private static byte[] Bind(string statement) =>
        Message('B', $"\0{statement}\0{string.Concat(Enumerable.Repeat("Z\0\0\0\u0005I", 100))}");

    private static byte[] Query(string sql) => Message('Q', $"{sql}\0");

    private static byte[] Rows(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(n => Message('D', $"C\0\0\0\u0005{new string('x', 300 * n)}"))];

    private static byte[] Complete(string tag) => Message('C', $"{tag}\0");

    private static byte[] Ready(char status) => Message('Z', $"{status}");

    private static byte[] Message(char type, string body) => [(byte)type, .. Counted(Encoding.Latin1.GetBytes(body))];

    private static byte[] Untyped(int code, string body = "")
    {
        var coded = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(coded, code);
        return Counted([.. coded, .. Encoding.Latin1.GetBytes(body)]);
    }

    private static byte[] Counted(byte[] body)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, body.Length + 4);
        return [.. length, .. body];
    }
}
