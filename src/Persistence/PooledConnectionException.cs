namespace VoiceWorker.Persistence;

/// <summary>There is a pooler between the worker and PostgreSQL, which hands out a session only in pieces.</summary>
/// <param name="reason">How that was found out.</param>
public sealed class PooledConnectionException(string reason) : Exception(
    $"ConnectionStrings:Postgres leads to a connection pooler such as PgBouncer ({reason}). The worker needs sessions of its "
    + "own: the locks by which one worker at a time migrates and relays belong to a session, and so do prepared statements "
    + "and the search path. It has a pool inside: give the address of PostgreSQL itself");
