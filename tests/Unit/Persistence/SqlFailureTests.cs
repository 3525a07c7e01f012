using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Persistence;

public sealed class SqlFailureTests
{
    [Theory]
    [InlineData("08000", true)] // connection exception
    [InlineData("08006", true)] // connection failure
    [InlineData("25006", true)] // read-only transaction: a standby, for now
    [InlineData("28P01", true)] // wrong password: somebody is changing it
    [InlineData("3D000", true)] // no such database: being restored
    [InlineData("40001", true)] // serialization failure
    [InlineData("40P01", true)] // deadlock
    [InlineData("42501", true)] // a right is missing
    [InlineData("53100", true)] // disk full
    [InlineData("53300", true)] // too many connections
    [InlineData("55P03", true)] // lock not available
    [InlineData("57014", true)] // statement timeout
    [InlineData("57P01", true)] // admin shutdown
    [InlineData("57P03", true)] // starting up
    [InlineData("58030", true)] // I/O error
    [InlineData("22001", false)] // too long
    [InlineData("22003", false)] // out of range
    [InlineData("22021", false)] // not in the encoding
    [InlineData("23502", false)] // not null
    [InlineData("23503", false)] // foreign key
    [InlineData("23505", false)] // unique
    [InlineData("23514", false)] // check
    [InlineData("54000", false)] // program limit
    public void A_failure_is_classified_by_its_SQLSTATE_however_it_is_wrapped(string sqlState, bool isTransient)
    {
        var failure = Sql(sqlState);
        Exception[] all =
        [
            failure, new InvalidOperationException("likely transient", failure), new DbUpdateException("failed", failure),
            new InvalidOperationException("outer", new DbUpdateException("inner", failure)), new AggregateException(failure),
        ];

        Assert.All(all, thrown => Assert.Equal(isTransient, SqlFailure.Of(thrown).CanPass));
        Assert.All(all, thrown => Assert.Equal(sqlState, SqlFailure.StateOf(thrown)));
        Assert.All(all, thrown => Assert.Equal(sqlState, SqlFailure.Of(thrown).Code));
    }

    [Theory]
    [InlineData("08006", FailureKind.Outage)]
    [InlineData("25006", FailureKind.Outage)]
    [InlineData("53300", FailureKind.Outage)]
    [InlineData("57P01", FailureKind.Outage)]
    [InlineData("57P03", FailureKind.Outage)]
    [InlineData("57014", FailureKind.Transient)]
    [InlineData("40P01", FailureKind.Transient)]
    [InlineData("28000", FailureKind.Settings)]
    [InlineData("28P01", FailureKind.Settings)]
    [InlineData("3D000", FailureKind.Settings)]
    [InlineData("42501", FailureKind.Privilege)]
    [InlineData("23505", FailureKind.Data)]
    [InlineData("P0001", FailureKind.Data)]
    public void Every_SQLSTATE_has_one_kind(string sqlState, FailureKind kind) =>
        Assert.Equal(kind, SqlFailure.Of(new InvalidOperationException("x", Sql(sqlState))).Kind);

    [Theory]
    [InlineData("SASL authentication failed", FailureKind.Settings)]
    [InlineData("\"trust\" authentication failed", FailureKind.Settings)]
    [InlineData("no such user: app", FailureKind.Settings)]
    [InlineData("no such database: app", FailureKind.Settings)]
    [InlineData("database \"app\" is disabled", FailureKind.Settings)]
    [InlineData("database \"app\" does not exist", FailureKind.Settings)]
    [InlineData("password authentication failed for user \"app\"", FailureKind.Settings)]
    [InlineData("login rejected", FailureKind.Settings)]
    [InlineData("SSL required", FailureKind.Settings)]
    [InlineData("unsupported startup parameter: options", FailureKind.Settings)]
    [InlineData("server login has been failing, cached error: password authentication failed for user \"app\" (server_login_retry)", FailureKind.Settings)]
    [InlineData("server login has been failing, cached error: connect failed (server_login_retry)", FailureKind.Outage)]
    [InlineData("server login has been failing, try again later (server_login_retry)", FailureKind.Outage)]
    [InlineData("server login has been failing, cached error: permission denied for database \"app\" (server_login_retry)", FailureKind.Privilege)]
    [InlineData("query_wait_timeout", FailureKind.Outage)]
    [InlineData("client_login_timeout (server down)", FailureKind.Outage)]
    [InlineData("no more connections allowed (max_client_conn)", FailureKind.Outage)]
    [InlineData("client connections exceeded (max_user_client_connections)", FailureKind.Outage)]
    [InlineData("too many connections for role \"app\"", FailureKind.Outage)]
    [InlineData("server conn crashed?", FailureKind.Outage)]
    [InlineData("the database system is starting up", FailureKind.Outage)]
    [InlineData("something new", FailureKind.Outage)]
    public void Of_what_PgBouncer_says_only_a_refusal_is_one(string words, FailureKind kind) =>
        Assert.Equal(kind, SqlFailure.Of(new PostgresException(words, "FATAL", "FATAL", "08P01")).Kind);

    [Theory]
    [InlineData("(ENOTFOUND) tenant/user postgres.x not found", FailureKind.Settings)]
    [InlineData("Tenant or user not found", FailureKind.Settings)]
    [InlineData("(EMAXCONNSESSION) max clients reached in session mode", FailureKind.Outage)]
    public void Of_what_Supavisor_says_only_a_refusal_is_one(string words, FailureKind kind)
    {
        Assert.Equal(kind, SqlFailure.Of(new PostgresException(words, "FATAL", "FATAL", "XX000")).Kind);
        Assert.Equal(
            FailureKind.Transient, SqlFailure.Of(new PostgresException(words, "ERROR", "ERROR", "XX000")).Kind);
    }

    [Fact]
    public void Whatever_happens_on_the_way_to_the_server_is_transient()
    {
        Exception[] failures =
        [
            new NpgsqlException("x"), new NpgsqlException("x", new TimeoutException()), new SocketException(111),
            new IOException("x"), new EndOfStreamException(), new TimeoutException(),
            new InvalidOperationException("wrapped", new NpgsqlException("x")),
        ];

        Assert.All(failures, failure => Assert.Equal(FailureKind.Outage, SqlFailure.Of(failure).Kind));
        Assert.All(failures, failure => Assert.Null(SqlFailure.StateOf(failure)));
    }

    [Fact]
    public void What_has_nothing_to_do_with_the_server_is_not_transient() => Assert.All(
        new Exception[]
        {
            new InvalidOperationException("x"), new ArgumentException("x"), new OperationCanceledException(),
            new InvalidCastException("x"), new AggregateException(new FormatException("x")),
        },
        failure => Assert.Equal(FailureKind.Unexpected, SqlFailure.Of(failure).Kind));

    [Fact]
    public void A_description_has_no_detail_which_quotes_data_and_no_type_of_a_client()
    {
        var sql = new PostgresException("duplicate key", "ERROR", "ERROR", "23505", detail: "Key (call_id)=(S3CRET) exists");

        Assert.Equal("SQLSTATE 23505: duplicate key", SqlFailure.Describe(new InvalidOperationException("S3CRET", sql)));
        Assert.Equal("no answer in time", SqlFailure.Describe(new NpgsqlException("x", new TimeoutException("late"))));
        Assert.Equal("connection refused", SqlFailure.Describe(new NpgsqlException("x", new SocketException(111))));
        Assert.Equal("the connection was closed", SqlFailure.Describe(new NpgsqlException("x", new EndOfStreamException())));
        Assert.Equal("ArgumentException: wrong", SqlFailure.Describe(new ArgumentException("wrong")));
    }

    private static PostgresException Sql(string sqlState) => new("message", "ERROR", "ERROR", sqlState);
}
