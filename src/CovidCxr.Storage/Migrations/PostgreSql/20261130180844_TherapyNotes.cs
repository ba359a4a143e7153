using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace CovidCxr.Storage.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class TherapyNotes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "TherapyNotes",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PatientNumber = table.Column<string>(type: "citext", maxLength: 64, nullable: false, collation: "C"),
                    From = table.Column<DateOnly>(type: "date", nullable: false),
                    Until = table.Column<DateOnly>(type: "date", nullable: true),
                    Text = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    CreatedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    CreatedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    StruckBy = table.Column<Guid>(type: "uuid", nullable: true),
                    StruckByName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    StruckAt = table.Column<long>(type: "bigint", nullable: true),
                    StruckReason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TherapyNotes", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TherapyNoteMoves",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    NoteId = table.Column<Guid>(type: "uuid", nullable: false),
                    ActionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Before = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    After = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TherapyNoteMoves", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TherapyNoteMoves_TherapyNotes_NoteId",
                        column: x => x.NoteId,
                        principalTable: "TherapyNotes",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_TherapyNoteMoves_ActionId",
                table: "TherapyNoteMoves",
                column: "ActionId");

            migrationBuilder.CreateIndex(
                name: "IX_TherapyNoteMoves_NoteId",
                table: "TherapyNoteMoves",
                column: "NoteId");

            migrationBuilder.CreateIndex(
                name: "IX_TherapyNotes_PatientNumber",
                table: "TherapyNotes",
                column: "PatientNumber");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "TherapyNoteMoves");

            migrationBuilder.DropTable(
                name: "TherapyNotes");
        }
    }
}
