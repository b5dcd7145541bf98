using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Taproom.Store;

/// <summary>Queries that look into the JSON of readings.</summary>
public static class ReadingNumbers
{
    // One reading that Postgres cannot look into would fail a query for all taps, and former releases have stored such: U+0000 and halves
    // of surrogate pairs are no text of Postgres, which is why they become U+FFFD here; a number of 20,000 digits is no numeric of it, which
    // is why nothing but the member that is asked for is made one, and only where it is written as a number of few digits.
    private const string Table = """
        WITH reading_numbers AS NOT MATERIALIZED (
            SELECT id, device, received_at, seq, body,
                substring(left(body::json ->> 'temperatureC', 99) FROM '^-?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9][0-9]?)?$')::numeric AS temperature_c,
                substring(left(body::json ->> 'flowLpm', 99) FROM '^-?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9][0-9]?)?$')::numeric AS flow_lpm
            FROM (
                SELECT id, device, received_at, seq,
                    CASE WHEN strpos(body, '\u') = 0 THEN body
                    ELSE regexp_replace(body, '\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F][0-9a-fA-F])', '\\ufffd', 'g') END AS body
                FROM readings
            ) AS readable
        )

        """;

    /// <summary>
    /// Queries <c>reading_numbers</c>: <c>id device received_at seq</c>, <c>body</c> as JSON that any operator can look into, and
    /// <c>temperature_c</c> and <c>flow_lpm</c>, null where the reading has no such number.
    /// </summary>
    /// <typeparam name="T">What a row is read into.</typeparam>
    /// <param name="database">The database.</param>
    /// <param name="sql">The query from its SELECT on, or more common table expressions: a comma and the name of the next.</param>
    public static IQueryable<T> QueryReadings<T>(this DatabaseFacade database, FormattableString sql) =>
        database.SqlQuery<T>(FormattableStringFactory.Create(Table + sql.Format, sql.GetArguments()));
}
