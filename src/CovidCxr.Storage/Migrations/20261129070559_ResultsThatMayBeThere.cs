using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class ResultsThatMayBeThere : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "SentAfterChange",
                table: "OutgoingResults",
                type: "INTEGER",
                nullable: true);
            // What was delivered, or ended so that it may be there.
            migrationBuilder.Sql(
                """
                UPDATE "OutgoingResults" SET "SentAfterChange" = COALESCE(
                    (SELECT MAX("Id") FROM "StudyChanges" c WHERE c."StudyId" = "OutgoingResults"."StudyId"
                        AND c."ChangedAt" <= COALESCE("OutgoingResults"."SettledAt", "OutgoingResults"."CreatedAt")), 0)
                WHERE "State" = 1 OR "Reason" LIKE '%(status 0111)%' OR "Reason" LIKE '%with a warning%'
                    OR "Reason" IN ('The association ended before it answered.', 'It did not answer in time.');
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "SentAfterChange",
                table: "OutgoingResults");
        }
    }
}
