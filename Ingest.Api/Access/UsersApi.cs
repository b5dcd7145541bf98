using System.ComponentModel;
using System.Security.Claims;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Access;

/// <summary>The resource <c>/api/users</c>: who may sign in. For admins; the first is made with the admin key.</summary>
internal static class UsersApi
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/users").WithTags("Users");
        users
            .MapPut("/current/password", PutOwnPassword)
            .WithSummary("Changes the caller's own password, and ends all its sessions.")
            .RequireAuthorization(Policies.User)
            .Takes("""{"oldPassword":"what only ann knows","newPassword":"what only ann knows now"}""");

        var group = users.MapGroup("").RequireAuthorization(Policies.Admin);
        group.MapGet("", ListUsers).WithSummary("Lists users in the order in which they were added.");
        group.MapGet("/{id:guid}", GetUser).WithSummary("Gets one user.");
        group.MapPost("", PostUser).WithSummary("Adds a user.").Takes(UserPost.Example).ProducesProblem(409);
        group
            .MapPatch("/{id:guid}", PatchUser)
            .WithSummary("Gives a user another role or password, and ends its sessions.")
            .Takes("""{"role":"admin"}""")
            .ProducesProblem(409);
        group.MapDelete("/{id:guid}", DeleteUser).WithSummary("Removes a user and ends its sessions.").ProducesProblem(409);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> PutOwnPassword(
        PasswordPut put,
        ClaimsPrincipal caller,
        SignIns signIns,
        UserRegistry registry,
        StorePatience patience,
        CancellationToken cancellationToken
    )
    {
        patience.Add(SignInLimit.Patience);
        if (await signIns.CheckAsync(caller.Name(), put.OldPassword, cancellationToken) is not { } user)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest,
                "The old password is wrong, or there were too many wrong ones: then wait a while.",
                "oldPassword"
            );
        }

        await registry.ChangeAsync(user.Id, put.NewPassword, role: null, keepsAnAdmin: false, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<UserList>> ListUsers([AsParameters] ListQuery<Guid> query, TaproomDb db)
    {
        var after = query.AfterOr(default);
        var users = db.Users.Where(user => user.Id > after).OrderBy(user => user.Id);
        var found = await query.ReadAsync(users, user => user.Id);
        return TypedResults.Ok(new UserList([.. found.Select(UserShape.Of)]));
    }

    private static async Task<Results<Ok<UserShape>, ProblemHttpResult>> GetUser(Guid id, TaproomDb db, CancellationToken cancellationToken) =>
        await db.Users.SingleOrDefaultAsync(user => user.Id == id, cancellationToken) is { } user ? TypedResults.Ok(UserShape.Of(user)) : Missing();

    private static async Task<Results<Created<UserShape>, ProblemHttpResult>> PostUser(
        UserPost post,
        UserRegistry registry,
        StorePatience patience,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        patience.Add(SignInLimit.Patience);
        if (await registry.AddAsync(post, cancellationToken) is not { } user)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "There is a user of that name.", "name");
        }

        context.Note($"{user.Name} is {user.Role} now.");
        return TypedResults.Created($"/api/users/{user.Id}", UserShape.Of(user));
    }

    private static async Task<Results<Ok<UserShape>, ProblemHttpResult>> PatchUser(
        Guid id,
        UserPatch patch,
        UserRegistry registry,
        TaproomDb db,
        StorePatience patience,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        patience.Add(SignInLimit.Patience);
        var change = await registry.ChangeAsync(id, patch.Password, patch.Role, context.User.UserId() is not null, cancellationToken);
        if (change is not UserChange.Done || await db.Users.SingleOrDefaultAsync(user => user.Id == id, cancellationToken) is not { } user)
        {
            return change is UserChange.IsLastAdmin ? LastAdmin() : Missing();
        }

        context.Note(
            (patch.Role, patch.Password) switch
            {
                (null, _) => $"{user.Name} has another password.",
                (_, null) => $"{user.Name} is {user.Role} now.",
                _ => $"{user.Name} is {user.Role} now and has another password.",
            }
        );
        return TypedResults.Ok(UserShape.Of(user));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteUser(
        Guid id,
        UserRegistry registry,
        TaproomDb db,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var name = await db.Users.Where(user => user.Id == id).Select(user => user.Name).SingleOrDefaultAsync(cancellationToken);
        var change = await registry.RemoveAsync(id, context.User.UserId() is not null, cancellationToken);
        if (change is not UserChange.Done)
        {
            return change is UserChange.IsLastAdmin ? LastAdmin() : Missing();
        }

        context.Note($"{name} is no user any more.");
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Missing() => Problems.NotFound("This user");

    private static ProblemHttpResult LastAdmin() =>
        Problems.Of(StatusCodes.Status409Conflict, "This is the last admin: make another user an admin first, or use the admin key.");

    internal sealed record UserList(IReadOnlyList<UserShape> Users);

    /// <summary>A user as the API shows it.</summary>
    internal sealed record UserShape(
        Guid Id,
        string Name,
        string Role,
        DateTimeOffset CreatedAt,
        [property: Description("Until when nobody can sign in with this name; null when somebody can.")] DateTimeOffset? LockedUntil
    )
    {
        public static UserShape Of(User user) => new(user.Id, user.Name, user.Role, user.CreatedAt, user.LockedUntil);
    }
}
