// SPDX-License-Identifier: Apache-2.0
// Hardening under the merge: whatever a site, an image and a level do in turn, nothing of a site gets lost.
#include <dcm/volume/doors.hpp>
#include <dcm/volume/harden.hpp>

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

#include "faults.hpp"
#include "history.hpp"

namespace {

using volume::Harden;

const std::vector<std::string> k_directories{"deploy",
                                             "deploy/jboss-web.deployer",
                                             "deploy/http-invoker.sar",
                                             "deploy/jboss-web.deployer/ROOT.war",
                                             "deploy/jmx-console.war",
                                             "deploy/management"};
const std::string k_root = "deploy/jboss-web.deployer/ROOT.war";
const std::string k_server(volume::k_web_server);

std::string server_xml(unsigned version)
{
    return "f<Server version='" + std::to_string(version) + R"('>
  <!-- <Connector address="${jboss.bind.address}"/> -->
  <Connector port="8080" address="${jboss.bind.address}"
     protocol="HTTP/1.1"/>
  <Connector address='${jboss.bind.address}' port='8009' protocol='AJP/1.3'/>
</Server>
)";
}

TEST(Connectors, GetAddressesOfTheirOwn)
{
    const std::string text = server_xml(7).substr(1);
    const auto is_detached = [](const std::string& server) { return volume::is_detached(server, "server.xml"); };
    EXPECT_FALSE(is_detached(text));
    const std::string expected = R"(<Server version='7'>
  <!-- <Connector address="${jboss.bind.address}"/> -->
  <Connector port="8080" address="0.0.0.0"
     protocol="HTTP/1.1"/>
  <Connector address='127.0.0.1' port='8009' protocol='AJP/1.3'/>
</Server>
)";
    EXPECT_EQ(volume::detach_web(text), expected);
    EXPECT_EQ(volume::detach_web(expected), std::nullopt);
    EXPECT_TRUE(is_detached(expected));
    EXPECT_TRUE(is_detached("<Server/>"));
    EXPECT_EQ(volume::detach_web("<Connector address='${jboss.bind.address:0.0.0.0}'/>"),
              "<Connector address='0.0.0.0'/>");
    for (const auto* const none : {"", "no XML ${jboss.bind.address}", "<Connector address='${jboss.bind.address}'>"}) {
        EXPECT_EQ(volume::detach_web(none), std::nullopt);
        EXPECT_THROW(is_detached(none), dcm::Error) << none;
    }
    // in other words, or not written here: left alone, and not taken for detached
    const std::string hidden = "<!DOCTYPE c [<!ENTITY a '${jboss.bind.address}'>]><c><Connector address='&a;'/></c>";
    EXPECT_EQ(volume::detach_web(hidden), std::nullopt);
    EXPECT_FALSE(is_detached(hidden));
    EXPECT_FALSE(is_detached("<Connector address='&#36;{jboss.bind.address}'/>"));
}

// What a level makes of a tree. `base`: the image that was followed when the door was shut.
Paths hardened(Paths tree, const Paths& base, const Paths& before, Harden level)
{
    for (const auto& door : volume::k_doors) {
        const std::string path(door.path);
        if (door.level > level || at(tree, path).empty()) {
            continue;
        }
        if (door.stand_in == volume::StandIn::detached) {
            const auto text = volume::detach_web(at(tree, path).substr(1));
            tree[path] = text && at(tree, path)[0] == 'f' ? "f" + *text : at(tree, path);
            continue;
        }
        erase(tree, path);
        if (door.stand_in == volume::StandIn::page) {
            const std::string page = path + "/index.html";
            const bool own = at(before, page)[0] == 'f' && at(before, page) != at(base, page);
            tree[path] = "d";
            tree[page] = own ? at(before, page) : "f" + std::string(volume::stand_in_page());
        }
    }
    return tree;
}

// A server tree with all doors, which the site may have changed in any way, the image only in what is in them.
struct Doors : Case {
    explicit Doors(unsigned seed, unsigned size = 25) : Case(seed, size)
    {
        for (const auto& path : k_directories) {
            base.insert_or_assign(path, "d");
            base.emplace(path + "/a", "f1");
        }
        base.insert_or_assign(k_root + "/index.html", "fstock");
        base.insert_or_assign(k_server, server_xml(0));
        base = with_parents(base);
        image = random.edited(base, 10);
        image["conf-2"] = "fversion";
        for (const auto& path : k_directories) {
            image.insert_or_assign(path, "d");
        }
        erase(image, k_server);
        image.insert_or_assign(k_server, server_xml(random.below(2)));
        image = with_parents(image);
        site = with_parents(random.edited(base, 8));
        write_tree(old_image, base);
        write_tree(new_image, image);
        volume::make_manifest(old_image, "p", "1", rules);
        volume::make_manifest(new_image, "p", "2", rules);
    }

    // Files that became directories on the way lose nothing but their own.
    static Paths with_parents(Paths tree)
    {
        for (auto item = tree.begin(); item != tree.end();) {
            const std::string up = parent(item->first);
            item = up.empty() || at(tree, up) == "d" ? std::next(item) : tree.erase(item);
        }
        return tree;
    }

    void seed(const std::string& from, Harden level)
    {
        volume::SeedSettings settings{from, target};
        settings.harden = level;
        volume::seed(settings, say);
    }

    void fresh_site(Harden level)
    {
        fs::remove_all(target);
        fs::create_directory(target);
        seed(old_image, Harden::off);
        write_tree(target, site);
        seed(old_image, level);
    }
};

Harden any_level(Random& random) { return static_cast<Harden>(1 + random.below(3)); }

TEST(Harden, IsAnOverlayOnTheMerge)
{
    for (unsigned seed = 1; seed <= rounds(300); ++seed) {
        Doors c(seed);
        const Harden first = any_level(c.random);
        const Harden second = any_level(c.random);
        const Paths merged = model(c.base, c.image, c.site);
        c.fresh_site(first);
        ASSERT_EQ(read_tree(c.target), hardened(c.site, c.base, c.site, first)) << seed;
        c.seed(c.new_image, second);
        ASSERT_EQ(read_tree(c.target), hardened(merged, c.base, c.site, second)) << seed << c.said;
        c.said.clear();
        volume::seed({c.new_image, c.target}, c.say);
        ASSERT_EQ(c.said, "") << seed << ": nothing asked, nothing done";
        volume::rollback({c.new_image, c.target}, c.say);
        ASSERT_EQ(read_tree(c.target), hardened(c.site, c.base, c.site, second)) << seed << ": rollback";
        c.seed(c.old_image, Harden::off);
        ASSERT_EQ(read_tree(c.target), c.site) << seed << ": brought back";
    }
}

// Every call that changes something as the last one of a process, while image and level change at once.
void kill_everywhere(unsigned seed, Harden from, Harden to)
{
    Doors c(seed, 8);
    const Paths merged = model(c.base, c.image, c.site);
    const Paths before = hardened(c.site, c.base, c.site, from);
    const Paths after = hardened(merged, c.base, c.site, to);
    const Paths between = hardened(merged, c.base, c.site, from);
    for (long call = 1;; ++call) {
        c.fresh_site(from);
        const pid_t child = fork();
        if (child == 0) {
            faults::arm(faults::Action::kill, call);
            c.seed(c.new_image, to);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        const bool over = !WIFSIGNALED(status);
        for (const auto& [path, what] : read_tree(c.target)) {
            ASSERT_TRUE(what == at(before, path) || what == at(after, path) || what == at(merged, path) ||
                        what == at(between, path))
                << "half-written, call " << call << ": " << path;
        }
        c.seed(c.new_image, to);
        ASSERT_EQ(read_tree(c.target), after) << "killed at call " << call << " of seed " << seed << c.said;
        ASSERT_FALSE(fs::exists(c.target + "/.dcm/tmp"));
        c.seed(c.new_image, Harden::off);
        ASSERT_EQ(read_tree(c.target), merged) << "brought back after call " << call << " of seed " << seed;
        if (over) {
            ASSERT_EQ(status, 0);
            ASSERT_GT(call, 20);
            return;
        }
    }
}

TEST(Harden, KilledAtEveryCall)
{
    for (unsigned seed = 1; seed <= rounds(2); ++seed) {
        ASSERT_NO_FATAL_FAILURE(kill_everywhere(seed, Harden::off, Harden::full));
        ASSERT_NO_FATAL_FAILURE(kill_everywhere(seed, Harden::full, Harden::off));
        ASSERT_NO_FATAL_FAILURE(kill_everywhere(seed, Harden::basic, Harden::basic));
    }
}

TEST(Harden, KilledAtEveryCallWhereDirectoriesCannotBeRenamed)
{
    faults::keep_directories_in_place(EXDEV);
    for (unsigned seed = 1; seed <= rounds(2); ++seed) {
        ASSERT_NO_FATAL_FAILURE(kill_everywhere(seed, Harden::off, Harden::full));
        ASSERT_NO_FATAL_FAILURE(kill_everywhere(seed, Harden::full, Harden::off));
    }
    faults::keep_directories_in_place(0);
}

// What the site put back stays, and what hardening kept is set aside: killed anywhere on the way, none of it is lost.
void set_aside_everywhere()
{
    const std::string door = "/deploy/http-invoker.sar";
    Doors c(1, 8);
    for (long call = 1;; ++call) {
        c.fresh_site(Harden::off);
        write_tree(c.target + door, {{"kept", "fsite"}, {"one", "d"}, {"one/two", "f2"}});
        c.seed(c.old_image, Harden::basic);
        write_tree(c.target + door, {{"own", "fsite"}});
        const pid_t child = fork();
        if (child == 0) {
            faults::arm(faults::Action::kill, call);
            c.seed(c.old_image, Harden::off);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        c.seed(c.old_image, Harden::off);
        const Paths own{{"own", "fsite"}};
        const Paths kept{{"kept", "fsite"}, {"one", "d"}, {"one/two", "f2"}};
        ASSERT_EQ(read_tree(c.target + door), own) << "killed at call " << call;
        ASSERT_EQ(read_tree(c.target + "/.dcm/replaced" + door), kept) << "killed at call " << call;
        if (!WIFSIGNALED(status)) {
            ASSERT_GT(call, 10);
            return;
        }
    }
}

TEST(Harden, SetAsideKilledAtEveryCall)
{
    ASSERT_NO_FATAL_FAILURE(set_aside_everywhere());
    faults::keep_directories_in_place(EXDEV);
    ASSERT_NO_FATAL_FAILURE(set_aside_everywhere());
    faults::keep_directories_in_place(0);
}

TEST(Harden, ADoorThatCannotBeMovedKeepsNoServerFromStarting)
{
    Doors c(1, 8);
    c.fresh_site(Harden::off);
    write_tree(c.target + "/deploy", {{"http-invoker.sar", "d"}, {"http-invoker.sar/a", "f1"}});
    const Paths before = read_tree(c.target);
    faults::keep_directories_in_place(EPERM);
    c.seed(c.old_image, Harden::basic);
    faults::keep_directories_in_place(0);
    EXPECT_NE(c.said.find("cannot take away"), std::string::npos) << c.said;
    EXPECT_EQ(read_tree(c.target), before);
    EXPECT_FALSE(fs::exists(c.target + "/.dcm/pending"));
    const auto report = volume::verify({c.old_image, c.target});
    EXPECT_TRUE(std::any_of(report.begin(), report.end(), [](const auto& line) { return line.what == "open"; }));
}

}  // namespace
